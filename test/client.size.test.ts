import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "tsdown";
import { expect, test } from "vitest";
import { root } from "../scripts/entries.mjs";

/** What a page loads of one entry: bundled and minified (by the bundler that Vite uses too), then compressed. */
async function bundle(entry: string): Promise<{ readonly code: string; readonly size: number }> {
  const outDir = mkdtempSync(join(tmpdir(), "keyturn-size-"));
  try {
    await build({
      entry: { bundle: `${root}src/client/${entry}.ts` },
      outDir,
      format: "esm",
      platform: "browser",
      target: "es2022",
      minify: true,
      dts: false,
      config: false,
      logLevel: "silent",
      fixedExtension: false,
      tsconfig: `${root}tsconfig.build.json`,
    });
    const code = readFileSync(join(outDir, "bundle.js"), "utf8");
    return { code, size: gzipSync(code, { level: 9 }).length };
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

test("keyturn/client is smaller than 6 kB, imports nothing, and docs/client.md says how big it is", async () => {
  const { size, code } = await bundle("client");
  console.log(`keyturn/client: ${size} bytes, minified and gzipped`);
  expect(code).not.toMatch(/\bimport\b|\brequire\b/);
  expect(size).toBeGreaterThan(3000);
  expect(size).toBeLessThan(6000);
  expect(readFileSync(`${root}docs/client.md`, "utf8")).toContain(`${(size / 1000).toFixed(1)} kB`);
});
