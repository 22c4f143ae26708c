export {
  type CompareBudget,
  type CompareBudgetName,
  type CompareProgress,
  type CompareRequest,
  type Comparison,
  type ComparisonClaim,
  type ComparisonPictures,
  type ComparisonRow,
  compare,
  compareBudgets,
  comparisonFigures,
  comparisonJson,
  comparisonText,
  type MethodFacts,
  type MethodName,
  methodNames,
  saveComparison,
  saveComparisonFigures,
} from "./compare/index.ts";
export * from "./images/index.ts";
export * from "./policy/index.ts";
export * from "./pusht/index.ts";
export {
  type CompleteImages,
  type CompletePoints,
  type CompleteRecipe,
  checkRecipe,
  type ReadOptions,
  readRecipe,
  recipeJsonSchema,
  recipeText,
  suggestion,
} from "./recipe/index.ts";
export * from "./run/index.ts";
