/**
 * Builds dist with tsdown.config.ts: the compiled sources, and a copy of every other file of src. tsdown empties dist first, so nothing of
 * an earlier build stays. Then the demo's page, with Vite. Through their APIs, because the command lines greet and warn where a build
 * should be quiet.
 */
import { build } from "tsdown";
import { build as buildPage } from "vite";
import { copyAssets } from "./assets.mjs";
import { root } from "./entries.mjs";

process.chdir(root);
await build({ logLevel: "warn" });
copyAssets("dist");
await buildPage({ configFile: `${root}demo/page/vite.config.ts`, logLevel: "warn" });
