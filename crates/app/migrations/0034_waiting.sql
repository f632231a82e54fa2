-- Who waits stands in the table of conversations.
DROP TABLE conversation_waiting;
