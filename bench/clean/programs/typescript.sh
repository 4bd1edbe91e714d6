cat > tsconfig.json <<END
{
  "extends": "$1/tsconfig.json",
  "compilerOptions": { "incremental": false, "tsBuildInfoFile": null, "typeRoots": ["$1/node_modules/@types"] },
  "include": ["$1/src/**/*.ts"]
}
END
exec node $1/node_modules/typescript/bin/tsc -p . --noEmit
