/** Builds dist with tsdown.config.ts. Through tsdown's API, because its command line greets and warns where a build should be quiet. */
import { build } from "tsdown";

await build({ logLevel: "warn" });
