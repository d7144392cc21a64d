// What a user can choose: the settings of a chat, and the voices, formats and limits of speech. The edge derives it
// from the specification of its API.

export const options = await (await fetch("/_page/options.json")).json();
