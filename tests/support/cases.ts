/** How many random cases a test takes: few in `npm test`, many in `npm run test:long`. */
export const isLong = process.env.WEFT_LONG === '1';

export const cases = (usual: number, long: number): number => (isLong ? long : usual);
