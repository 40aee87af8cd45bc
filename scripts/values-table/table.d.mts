/** The page with the table of a chart's values between its two marks. */
export function withTable(page: string, chart: string): string;
