/** See buildah.mjs. */
export interface ImageOptions {
  readonly name: string;
  readonly from?: string;
  readonly root: string;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
  readonly workingDirectory?: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function buildah(
  work: string,
  epoch: string,
): {
  image(options: ImageOptions): Promise<void>;
  archive(name: string, file: string, reference: string): Promise<void>;
  push(name: string, reference: string): Promise<string>;
};
