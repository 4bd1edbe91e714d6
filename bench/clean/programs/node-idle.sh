exec node -i
