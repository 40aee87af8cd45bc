import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/**
 * Paths in the built page are relative: they hang on `<base href>` of index.html, so that a server can put the console
 * under any prefix by rewriting that one attribute.
 */
export default defineConfig({
  base: "./",
  plugins: [react()],
  build: {
    target: "es2024",
    cssTarget: "chrome111",
    reportCompressedSize: true,
    chunkSizeWarningLimit: 1700,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    port: 26000,
    proxy: { "/api": process.env["WEFT_API"] ?? "http://localhost:20001" },
  },
});
