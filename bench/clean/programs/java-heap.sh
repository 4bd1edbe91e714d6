# The build of a fourth of the classes, in half of the memory.
PARTS=100 HEAP=200m
. "${0%/*}/java-build.sh"
