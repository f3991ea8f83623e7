export { api } from "@yanshu/api";
