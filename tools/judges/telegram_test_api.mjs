// The emulator telegram-test-api on 127.0.0.1: telegram_test_api.mjs PORT.
import TelegramServer from "telegram-test-api";

const Server = TelegramServer.default ?? TelegramServer;
await new Server({ port: Number(process.argv[2]), host: "127.0.0.1" }).start();
