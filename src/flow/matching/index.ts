export {
  type BridgeAnswer,
  type BridgeLoss,
  type BridgeMatchingOptions,
  bridgeMatching,
  scoreFactor,
} from "./bridge-matching.ts";
export { type Dropout, dropLabels, dropVectors } from "./condition-dropout.ts";
export { type ConsistencyOptions, consistency } from "./consistency.ts";
export { type FlowMatchingOptions, flowMatching } from "./flow-matching.ts";
export { type AverageVelocity, type Interval, jump } from "./jump.ts";
export {
  type MeanFlowLoss,
  type MeanFlowOptions,
  type MeanFlowTarget,
  meanFlow,
  meanFlowTarget,
} from "./mean-flow.ts";
export { type PairedRows, paired, type Unpaired } from "./paired.ts";
export type { MatchingLoss, Pairs } from "./pairs.ts";
export {
  type FlowOptions,
  type FlowPairs,
  flowPairs,
  type ReflowOptions,
  type ReflowRound,
  reflow,
} from "./reflow.ts";
export { type ShortcutOptions, shortcut, twoHalves } from "./shortcut.ts";
export { type MinSnrOptions, minSnrWeight, type VelocityWeightOptions, velocityWeight } from "./weight.ts";
