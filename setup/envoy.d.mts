export declare const envoyVersion: string;
export declare function cachedEnvoy(env?: NodeJS.ProcessEnv): string;
export declare function ensureEnvoy(options?: {
  env?: NodeJS.ProcessEnv;
  warn?: (text: string) => void;
}): Promise<string>;
export declare function versionOf(file: string): string | undefined;
