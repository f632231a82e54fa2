// An echo bot of grammY: echo.mjs BASE TOKEN.
import { Bot } from "grammy";

const [base, token] = process.argv.slice(2);
const bot = new Bot(token, { client: { apiRoot: base } });

bot.command("start", (ctx) => ctx.reply(`Hello, ${ctx.from.first_name} ${ctx.from.last_name}!`));
bot.on("message:text", (ctx) => ctx.reply(ctx.message.text));

bot.start();
