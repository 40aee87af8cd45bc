const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Tells how set-up goes, on standard error: one live line for what runs now on a terminal, plain lines elsewhere. */
export function progress(stream = process.stderr, env = process.env) {
  const live = stream.isTTY === true && !env.CI && env.TERM !== "dumb";
  const colour = live && !env.NO_COLOR;
  const paint = (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const clear = live ? "\r\x1b[2K" : "";
  return {
    /** Runs `work` under a name; says how long it took, or that it failed. */
    async step(name, work) {
      const began = Date.now();
      let frame = 0;
      const draw = () => stream.write(`${clear}${frames[frame++ % frames.length]} ${name}`);
      if (!live) stream.write(`${name}\n`);
      const timer = live ? setInterval(draw, 100) : undefined;
      if (live) draw();
      try {
        const result = await work();
        const seconds = ((Date.now() - began) / 1000).toFixed(1);
        if (live) stream.write(`${clear}${paint(32, "√")} ${name} ${paint(2, `${seconds} s`)}\n`);
        return result;
      } catch (error) {
        stream.write(`${clear}${paint(31, "×")} ${name}: failed\n`);
        throw error;
      } finally {
        clearInterval(timer);
      }
    },
    /** Something that does not stop set-up, and that the user should know. */
    warn: (text) => stream.write(`${clear}${paint(33, "‼")} ${text}\n`),
  };
}
