from tongxing.cli import main

main()
