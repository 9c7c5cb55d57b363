"""Who got what of the money: shares, transfers, debts and fees, out of the books."""
