/**
 * Builds dist with tsdown.config.ts: the compiled sources, and a copy of every other file of src. tsdown empties dist first, so nothing of
 * an earlier build stays. Through tsdown's API, because its command line greets and warns where a build should be quiet.
 */
import { build } from "tsdown";
import { copyAssets } from "./assets.mjs";
import { root } from "./entries.mjs";

process.chdir(root);
await build({ logLevel: "warn" });
copyAssets("dist");
