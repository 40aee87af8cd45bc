import { FakeApi, scenarios } from "./fake-api.ts";

/** `npm run fake -- SCENARIO [PORT] [DIST]`: a made-up control plane for `npm run dev` (WEFT_API=http://localhost:PORT). */
const [name = "healthy", port = "20001", dist] = process.argv.slice(2);
const scenario = scenarios[name];
if (!scenario) {
  console.error(`${name}: no such scenario; choose one of ${Object.keys(scenarios).join(", ")}`);
  process.exit(64);
}
const fake = new FakeApi({ port: Number(port), scenario, ...(dist ? { dist } : {}) });
console.log(`${name} at ${await fake.listen()}`);
setInterval(() => {
  fake.tell("graph");
  fake.tell("workloads");
}, 2000);
