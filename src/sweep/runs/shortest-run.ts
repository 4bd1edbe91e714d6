/** Words of 8 bytes of the shortest run: with fewer, every table of code addresses would be one. */
export const SHORTEST_WORDS = 3;
