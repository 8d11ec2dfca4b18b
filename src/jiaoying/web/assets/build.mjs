// Bundles the console's script and style sheet into the folder named on the command line:
// names with the content's hash, and manifest.json from the plain names to them.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";

const target = process.argv[2];
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

const result = await build({
  entryPoints: ["console.js", "style.css", "emblem.svg"],
  outdir: target,
  entryNames: "[name].[hash]",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome100", "firefox100", "safari15"],
  loader: { ".svg": "copy" },
  legalComments: "inline",
  metafile: true,
});

const manifest = {};
for (const [output, { entryPoint }] of Object.entries(result.metafile.outputs)) {
  if (entryPoint) manifest[basename(entryPoint)] = basename(output);
}
for (const name of ["console.js", "style.css", "emblem.svg"]) {
  if (!manifest[name]) throw new Error(`${name} is missing from what was built`);
}
writeFileSync(join(target, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
