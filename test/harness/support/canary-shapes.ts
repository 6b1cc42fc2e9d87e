import { createHash } from "node:crypto";

const SHAPES: readonly ((noise: string) => string)[] = [
  (noise) => `wJalrXUtnFEMI/K7MDENG+bPx${noise.slice(0, 15)}`,
  (noise) => `AKIA${noise.slice(0, 16).toUpperCase()}`,
  (noise) => `ghp_${noise.slice(0, 36)}`,
  (noise) => `glpat-${noise.slice(0, 20)}`,
  (noise) => `xoxb-${noise.slice(0, 12)}-${noise.slice(12, 36)}`,
  (noise) => `eyJhbGciOiJIUzI1NiJ9.${noise.slice(0, 24)}.${noise.slice(24, 48)}`,
  (noise) => `sk-${noise.slice(0, 40)}`,
  (noise) => `AIza${noise.slice(0, 35)}`,
  (noise) => `hunter2${noise.slice(0, 9)}`,
  (noise) => `${noise.slice(0, 40)}==`,
  (noise) => `MIIEvQIBADANBgkqhkiG9w0BAQEFAASC${noise.slice(0, 32)}`,
  (noise) => `SG.${noise.slice(0, 22)}.${noise.slice(22, 62)}`,
  (noise) => `npm_${noise.slice(0, 36)}`,
  (noise) => `dop_v1_${noise}`,
  (noise) => `hvs.${noise.slice(0, 48)}`,
  (noise) => `shpat_${noise.slice(0, 32)}`,
  (noise) => `sk_live_${noise.slice(0, 24)}`,
  (noise) => `AccountKey=${noise.slice(0, 44)}/+==`,
  (noise) => `pypi-AgEIcHlwaS5vcmc${noise.slice(0, 40)}`,
  (noise) => `r8_${noise.slice(0, 37)}`,
  (noise) => `postgres://app:${noise.slice(0, 20)}@db.acme.example/app`,
  (noise) =>
    `${noise.slice(0, 8)}-${noise.slice(8, 12)}-4${noise.slice(12, 15)}-a${noise.slice(15, 18)}-${noise.slice(18, 30)}`,
];

/** Hands out canaries: for each place one of each shape in turn, all of them different. */
export function canaryMaker(): {
  readonly make: (place: string) => string;
  readonly made: ReadonlyMap<string, string>;
} {
  const turns = new Map<string, number>();
  const made = new Map<string, string>();
  return {
    made,
    make(place) {
      const turn = turns.get(place) ?? 0;
      turns.set(place, turn + 1);
      const shape = turn % SHAPES.length;
      const noise = createHash("sha256").update(`${place}/${shape}`).digest("hex");
      const canary = SHAPES[shape]?.(noise) ?? noise;
      made.set(canary, place);
      return canary;
    },
  };
}
