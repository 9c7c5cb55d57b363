"""Who bought for the first time and who came again, without knowing who anybody is."""
