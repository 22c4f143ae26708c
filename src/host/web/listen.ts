import { AdvectError } from "../../engine/error.ts";
import type { HostPlatform } from "../contract.ts";

export const listen: HostPlatform["listen"] = async () => {
  throw new AdvectError("unsupported", "listen", {
    expected: "Node.js",
    got: "a browser",
    fix: "Serve from a program; pages can only connect.",
  });
};
