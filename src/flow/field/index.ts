export { counted } from "./counted.ts";
export { type Guidance, guide, type Strength } from "./guide.ts";
export { type EnergyGuidance, guideByEnergy } from "./guide-by-energy.ts";
export { type Inpainting, inpaint } from "./inpaint.ts";
export { alongEvent, type CompiledField, type VelocityField } from "./velocity-field.ts";
