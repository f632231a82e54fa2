-- Goods are learnt from the documents themselves; nobody read them here.
DROP TABLE receipts_item;
