export const word = "listener";
