import { keeperMain } from "../host/keeper-main.ts";

await keeperMain(process.argv.slice(2));
