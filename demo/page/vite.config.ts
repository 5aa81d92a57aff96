import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { publicEntries, root } from "../../scripts/entries.mjs";

/** Builds the demo's page into demo/dist. `VITE_…` variables are described in demo/README.md. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // Relative, so that the page can be put into any folder of any host.
  base: "./",
  plugins: [react()],
  resolve: {
    // The page imports keyturn/client as an app does and gets the sources, so that it is never built from a stale dist.
    alias: publicEntries().map(({ name, source }) => ({
      find: new RegExp(`^${name}$`),
      replacement: root + source,
    })),
  },
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    rolldownOptions: {
      // One script and one style sheet, under names that stay: the server revalidates them by their tags.
      output: { entryFileNames: "app.js", assetFileNames: "style[extname]", codeSplitting: false },
    },
  },
  server: { port: 5173 },
});
