/**
 * ilastik-headless: runs trained ilastik projects over images. See `lib/cli/main.ts`.
 *
 * @module
 */
import { main } from "./lib/cli/mod.ts";

Deno.exit(await main(Deno.args));
