export type { ActionDimension } from "./action-dimension.ts";
export type { SafeTorques } from "./check-dimensions.ts";
export { type Clamp, type LimitedAction, type Limiter, type LimiterOptions, limiter } from "./limiter.ts";
