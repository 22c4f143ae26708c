import { backboneOf } from "../backbone.ts";
import { conditionSize, type PolicyDesign } from "../design.ts";
import { diffusionMethod } from "./diffusion.ts";
import { regressionMethod } from "./direct.ts";
import { flowMethod } from "./flow.ts";
import type { ChunkMethod, ChunkSizes } from "./method.ts";
import { vaeMethod } from "./vae.ts";

/** What a design learns, and how it draws. Throws "option", "shape" for a backbone that cannot be. */
export function methodOf({ spec, backbone, method }: PolicyDesign): ChunkMethod {
  const sizes: ChunkSizes = {
    event: [spec.horizon, spec.action.length],
    conditionSize: conditionSize(spec),
  };
  if (method.kind === "vae") return vaeMethod(method, backbone, sizes);
  const model = backboneOf(backbone, sizes);
  if (method.kind === "flow") return flowMethod(method, model, sizes);
  if (method.kind === "diffusion") return diffusionMethod(method, model, sizes);
  return regressionMethod(method, model, sizes);
}
