exec ruby -e 'sleep'
