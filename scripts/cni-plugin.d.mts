/** Builds the CNI plugin into `file`, for this machine's processor unless another is named as Go names it. */
export function buildCniPlugin(file: string, arch?: string): Promise<void>;
