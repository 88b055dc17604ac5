/**
 * `help [TOPIC]` and `man`.
 *
 * @module
 */
import { helpText, topicText } from "../help.ts";
import { manPage } from "../man.ts";
import type { Command } from "./command.ts";

/** The help. */
export const HELP: Command = {
  name: "help",
  usage: "[TOPIC]",
  summary: "Show the help, or what there is to say on a topic, a sub-command or an option.",
  details: ["Without a topic the same as --help, with the list of topics."],
  options: [],
  words: [0, 1],
  anyWord: true,
  run({ words: [topic] }, { messages, commands }) {
    messages.output(topic === undefined ? helpText(commands) : topicText(topic, commands));
    return Promise.resolve(0);
  },
};

/** The man page. */
export const MAN: Command = {
  name: "man",
  usage: "",
  summary: "Print the man page; read it with `ilastik-headless man | man -l -`.",
  details: ["To install it: ilastik-headless man > /usr/local/share/man/man1/ilastik-headless.1"],
  options: [],
  words: [0, 0],
  run(_request, { messages, commands }) {
    messages.output(manPage(commands));
    return Promise.resolve(0);
  },
};
