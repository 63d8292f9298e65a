/** The classes of synthetic sets. Colours, vessels and garnish are common to all: shape and texture tell them apart. */
import { noodles, soup, stew } from "./bowls.ts";
import type { Dish } from "./dish.ts";
import { pancakes, salad } from "./heaps.ts";
import { doughnuts, dumplings, sushi } from "./pieces.ts";
import { pizza, tart } from "./rounds.ts";

/** Every dish by class name, in the order in which sets with fewer classes take them. */
export const dishes: Readonly<Record<string, Dish>> = {
  doughnuts,
  dumplings,
  noodles,
  pancakes,
  pizza,
  salad,
  soup,
  stew,
  sushi,
  tart,
};

export const dishNames: readonly string[] = Object.keys(dishes);
