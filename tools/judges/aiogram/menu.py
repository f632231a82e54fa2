"""A menu bot of aiogram: menu.py BASE TOKEN [PORT]; with a port it listens to a webhook, else it polls."""

import asyncio
import io
import sys

from aiogram import Bot, Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from aiogram.utils.keyboard import InlineKeyboardBuilder
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

SECRET = "aiogram-secret"
dispatcher = Dispatcher()


def menu(count: int):
    builder = InlineKeyboardBuilder()
    builder.row(
        InlineKeyboardButton(text="More", callback_data=f"more:{count}"),
        InlineKeyboardButton(text="Picture", callback_data="picture"),
    )
    builder.row(InlineKeyboardButton(text="Close", callback_data="close"))
    return builder.as_markup()


@dispatcher.message(CommandStart())
async def start(message: Message, command: CommandObject) -> None:
    await message.answer(f"<b>Menu</b> for {message.from_user.first_name}, from {command.args}", reply_markup=menu(0))


@dispatcher.message(Command("contact"))
async def contact(message: Message) -> None:
    button = KeyboardButton(text="Share my number", request_contact=True)
    markup = ReplyKeyboardMarkup(keyboard=[[button]], resize_keyboard=True, one_time_keyboard=True)
    await message.answer("Your number?", reply_markup=markup)


@dispatcher.message(Command("error"))
async def error(message: Message) -> None:
    try:
        await message.answer("a" * 4097)
    except TelegramBadRequest as refusal:
        await message.answer(f"refused: {refusal.message}")


@dispatcher.message(F.contact)
async def number(message: Message) -> None:
    own = message.contact.user_id == message.from_user.id
    await message.answer(
        f"{message.contact.phone_number} own={str(own).lower()}", reply_markup=ReplyKeyboardRemove()
    )


@dispatcher.message(F.photo)
async def photo(message: Message, bot: Bot) -> None:
    content = io.BytesIO()
    await bot.download(message.photo[-1], destination=content)
    await message.reply(f"picture of {len(content.getvalue())} bytes")


@dispatcher.callback_query(F.data.startswith("more:"))
async def more(query: CallbackQuery) -> None:
    count = int(query.data.split(":")[1]) + 1
    await query.answer(f"counted {count}")
    await query.message.edit_text(f"Count: {count}", reply_markup=menu(count))


@dispatcher.callback_query(F.data == "picture")
async def picture(query: CallbackQuery) -> None:
    await query.answer()
    with open(sys.argv[0].replace("aiogram/menu.py", "picture.png"), "rb") as file:
        await query.message.answer_photo(BufferedInputFile(file.read(), "picture.png"), caption="a <i>picture</i>")


@dispatcher.callback_query(F.data == "close")
async def close(query: CallbackQuery) -> None:
    await query.answer("closed", show_alert=True)
    await query.message.edit_reply_markup(reply_markup=None)


async def commands(bot: Bot) -> None:
    await bot.set_my_commands([BotCommand(command="start", description="Menu")])


async def poll(bot: Bot) -> None:
    await commands(bot)
    await dispatcher.start_polling(bot)


def listen(bot: Bot, port: int) -> None:
    async def on_startup(bot: Bot) -> None:
        await commands(bot)
        await bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token=SECRET)

    dispatcher.startup.register(on_startup)
    app = web.Application()
    SimpleRequestHandler(dispatcher=dispatcher, bot=bot, secret_token=SECRET).register(app, path="/hook")
    setup_application(app, dispatcher, bot=bot)
    web.run_app(app, host="127.0.0.1", port=port, print=None)


def main(base: str, token: str, port: str | None = None) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(base))
    bot = Bot(token=token, session=session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))
    if port:
        listen(bot, int(port))
    else:
        asyncio.run(poll(bot))


if __name__ == "__main__":
    main(*sys.argv[1:4])
