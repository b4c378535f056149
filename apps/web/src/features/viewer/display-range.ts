/** Largest value of an image as the screen shows it: 16 bits. */
export const displayMaximum = 65_535;
