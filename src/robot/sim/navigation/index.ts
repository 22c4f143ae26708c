export { type Obstacle, obstacles as navigationObstacles, type Way } from "./arena.ts";
export { type NavigationDemonstrations, navigationDemonstrations } from "./demonstrations.ts";
export { type NavigationOptions, type NavigationStep, navigation } from "./navigation.ts";
