// The part of Node's net that only looks at texts, for rooms that do no input or output.
export { isIP, isIPv6 } from "node:net";
