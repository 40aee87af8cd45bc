/**
 * The whole address of something that this control plane serves, below whatever prefix the page has.
 * @throws TypeError for an address that is somewhere else.
 */
export function own(path: string): string {
  const { origin, href } = new URL(path, document.baseURI);
  if (origin !== location.origin) throw new TypeError(`${path} is not served by ${location.origin}`);
  return href;
}
