import { devices } from "../../src/engine/runtime/index.ts";
import { losses } from "./losses.ts";

/** What the tests call in the page. */
Object.assign(globalThis, { advectTest: { devices, losses, isolated: () => crossOriginIsolated } });
