/** What is wrong with a Keras file, in words; the door to the room says in which file. */
export class KerasProblem extends Error {}
