/** Rewrites a graph's layout so that it trains fast. Pure. */
export { channelsLast, toChannelsFirst, toChannelsLast } from "./channels-last.ts";
