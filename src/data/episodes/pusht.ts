import type { Episodes } from "./episodes.ts";
import { type LoadOptions, loadLeRobot } from "./lerobot.ts";

export interface PushtOptions extends LoadOptions {
  /** Where the data set lies; the copy that ships with the package unless given. */
  readonly folder?: string;
}

/**
 * The 206 human demonstrations of PushT, 25,650 frames at 10 Hz [chi2023]: "observation.state" is the agent's x and y,
 * the block's x, y and angle; "observation.environment_state" x and y of nine points of the block; "action" where the
 * agent shall go; lengths in pixels, 0 to 512, angles in radians. Throws "io", "format".
 */
export function pushtDemonstrations({
  folder = shipped(),
  ...options
}: PushtOptions = {}): Promise<Episodes> {
  return loadLeRobot(folder, options);
}

/** As deep below the package in src/ as in dist/. */
const relative = "../../../datasets/pusht";

/** A path in Node.js, a URL in browsers. `relative` is no literal, so that bundlers do not look for one file there. */
function shipped(): string {
  const { protocol, pathname, href } = new URL(relative, import.meta.url);
  return protocol === "file:" ? decodeURIComponent(pathname).replace(/^\/([a-z]:)/i, "$1") : href;
}
