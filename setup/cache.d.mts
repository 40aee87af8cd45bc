/** Weft's folder in the user's cache. */
export function cacheFolder(env?: NodeJS.ProcessEnv): string;
