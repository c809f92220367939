-- What a tag of the target says about its data: it feeds the risk of a request. Known from the next sync on.
ALTER TABLE "InventoryItem" ADD COLUMN "classification" TEXT
  CONSTRAINT "InventoryItem_classification_check"
  CHECK ("classification" IN ('public', 'internal', 'confidential', 'restricted'));
